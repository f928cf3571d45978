"""What the demonstration organisation can do, in few words; every word is an action that everybody else calls too."""

from __future__ import annotations

from typing import Any

from apps.accounts import actions as accounts
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole
from apps.approvals import actions as approvals
from apps.approvals.models import Decision, Promotion, Thread
from apps.approvals.states import Verdict
from apps.core.actors import SYSTEM
from apps.models import actions as registry
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage
from apps.notifications import actions as notifications
from apps.notifications.models import Endpoint
from apps.portal.demo import people
from apps.portal.demo.bundle import Bundle
from apps.portal.demo.calendar import Calendar
from apps.portal.demo.people import Member

# Hours before an act: between one person's word and the next there is other work.
REGISTER, REPORT, ASK, DECIDE = 0.6, 0.3, 0.8, 2.2


class Organisation:
    """Teams, people and programs by name; `password` signs for every person."""

    def __init__(self, bundle: Bundle, password: str, time: Calendar) -> None:
        self.bundle, self.password, self.time = bundle, password, time
        self.users: dict[str, User] = {}
        self.teams: dict[str, Team] = {}

    def found(self) -> None:
        """Create everybody: the administrator first, who creates the people and teams; people create programs."""
        greta = self._join(people.ADMINISTRATOR, SYSTEM)
        for team in self.bundle.teams:
            self.teams[team["slug"]] = accounts.create_team(**team, actor=greta)
        for person in people.PEOPLE:
            self._join(person, greta)
        for program in people.PROGRAMS:
            owner = self.users[program.owner]
            account = accounts.create_service_account(program.username, program.name, owner, actor=owner, is_demo=True)
            self._give_roles(program, account, greta)
        self.want_mail(False)

    def want_mail(self, wanted: bool) -> None:
        """Let everybody choose whether to be told by e-mail: not while their past is being made."""
        for person in self.users.values():
            if not person.is_service_account:
                notifications.set_preference(person, email=wanted)

    def read_notices(self) -> None:
        """Let everybody read what their inbox holds by now."""
        for person in self.users.values():
            notifications.mark_all_read(person)

    def register_model(self, name: str, *, by: str, tags: tuple[str, ...] = ()) -> RegisteredModel:
        """Register a model of the bundle."""
        return registry.register_model(**self.bundle.about(name), tags=tags, actor=self.users[by])

    def register(self, model: RegisteredModel, version: str, *, by: str) -> ModelVersion:
        """Register a version of the bundle with its artifacts, and seal it."""
        self.time.wait(REGISTER)
        actor, content = self.users[by], self.bundle.content(model.name, version)
        opened = registry.register_version(
            model, version=version, description=content["metadata"]["change"], actor=actor, **content
        )
        for artifact, stream in self.bundle.files(model.name, version):
            said = {name: artifact[name] for name in ("path", "size", "sha256")}
            registry.upload_artifact(opened, **said, stream=stream, actor=actor)
        return registry.seal_version(opened, actor=actor)

    def ask(self, version: ModelVersion, reason: str, *, by: str, stage: str = Stage.PRODUCTION) -> Promotion:
        """Ask for a promotion, and verify the stored bytes as the worker does."""
        self.time.wait(ASK)
        promotion = approvals.submit(version, target_stage=stage, reason=reason, actor=self.users[by])
        approvals.verify_artifacts(promotion)
        return promotion

    def decide(self, promotion: Promotion, verdict: str, **comments: str) -> list[Decision]:
        """Let people, by user name, sign a verdict with their comments, one after the other."""
        return [self._decide(promotion, verdict, comment, by=person) for person, comment in comments.items()]

    def approve(self, promotion: Promotion, **comments: str) -> None:
        """Let people approve."""
        self.decide(promotion, Verdict.APPROVE, **comments)

    def discuss(self, promotion: Promotion, question: str, *, by: str, **answers: str) -> Thread:
        """Open a thread and let people, by user name, answer in it."""
        self.time.wait(REPORT)
        thread = approvals.open_thread(promotion, text=question, actor=self.users[by]).thread
        for person, text in answers.items():
            self.time.wait(REPORT)
            approvals.reply(thread, text=text, actor=self.users[person])
        return thread

    def execute(self, promotion: Promotion) -> None:
        """Move the version, as the worker does after the last approval."""
        approvals.execute(promotion)

    def move(
        self, version: ModelVersion, reason: str, *, by: str, stage: str = Stage.PRODUCTION, **comments: str
    ) -> None:
        """Ask, let people approve, and execute."""
        promotion = self.ask(version, reason, by=by, stage=stage)
        self.approve(promotion, **comments)
        self.execute(promotion)

    def demote(self, version: ModelVersion, stage: str, reason: str, *, by: str) -> None:
        """Take a version down at once, with a signature."""
        self.time.wait(ASK)
        approvals.demote(version, to_stage=stage, reason=reason, password=self.password, actor=self.users[by])

    def withdraw(self, promotion: Promotion, reason: str, *, by: str) -> None:
        """Take a request back."""
        self.time.wait(ASK)
        approvals.withdraw(promotion, reason=reason, actor=self.users[by])

    def report(self, promotion: Promotion, status: str, summary: str, *, url: str) -> None:
        """Let the integration tests report on the present evidence."""
        self.time.wait(REPORT)
        promotion = Promotion.objects.get(pk=promotion.pk)
        digest = promotion.rounds.get(number=promotion.round_number).evidence_digest
        said = {"name": "integration-tests", "status": status, "summary": summary, "url": url}
        approvals.report_check(promotion, **said, evidence_digest=digest, actor=self.users["ci-bot"])

    def attach(self, version: ModelVersion, kind: str, title: str, body: str, *, by: str, **data: Any) -> None:
        """Attach a report to a sealed version."""
        self.time.wait(REGISTER)
        approvals.attach_evidence(version, kind=kind, title=title, body=body, data=data, actor=self.users[by])

    def point(self, name: str, version: ModelVersion, *, by: str) -> None:
        """Point an alias at a version."""
        registry.set_alias(version.registered_model, name=name, version=version, actor=self.users[by])

    def add_webhook(self, name: str, url: str, *event_types: str, by: str, team: str | None = None) -> Endpoint:
        """Add a webhook of a team, or of the organisation."""
        owner = self.teams[team] if team else None
        return notifications.create_endpoint(name, url, team=owner, event_types=event_types, actor=self.users[by])[0]

    def end_webhook(self, endpoint: Endpoint, reason: str, *, by: str) -> None:
        """Switch a webhook off."""
        notifications.disable_endpoint(endpoint, reason, actor=self.users[by])

    def set_policy(self, document: dict[str, Any], note: str, *, by: str, **layer: Any) -> None:
        """Write a policy for promotions to production."""
        approvals.set_policy(stage=Stage.PRODUCTION, document=document, note=note, actor=self.users[by], **layer)

    def set_standard(self, schema: dict[str, Any], *, tier: str, stage: str, by: str) -> None:
        """Set a metadata standard."""
        registry.set_standard(risk_tier=tier, stage=stage, schema=schema, actor=self.users[by])

    def _decide(self, promotion: Promotion, verdict: str, comment: str, *, by: str) -> Decision:
        self.time.wait(DECIDE)
        etag = Promotion.objects.get(pk=promotion.pk).etag
        return approvals.decide(
            promotion, verdict=verdict, comment=comment, password=self.password, etag=etag, actor=self.users[by]
        )

    def _join(self, person: Member, actor: Any) -> User:
        user = accounts.create_user(
            person.username, person.name, person.email, self.password, actor=actor, is_demo=True
        )
        self._give_roles(person, user, actor)
        return user

    def _give_roles(self, member: Member, user: User, actor: Any) -> None:
        self.users[member.username] = user
        for role in member.roles:
            if role in InstanceRole.values:
                accounts.give_instance_role(user, role, actor=actor)
            for slug in member.teams:
                accounts.give_role(user, role, self.teams[slug], actor=actor)
