"""Pages of lineage: find something, and see what it came from and what came from it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from apps.core.portal.views import Page
from apps.lineage import selectors
from apps.lineage.models import Node
from apps.lineage.portal.forms import SearchForm, WalkForm
from apps.lineage.search import search
from apps.lineage.states import MAX_DEPTH, Direction, NodeKind
from apps.models.states import Stage

SHOWN = 50


class LineageSearch(Page):
    """Finds a dataset, commit, run or model version by the words of its name."""

    template_name = "lineage/search.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what was found, or the datasets used last."""
        asked = SearchForm(request.GET).criteria()
        rows = search(self.actor, asked["q"], asked["kind"], SHOWN + 1)
        return self.page(
            q=asked["q"],
            kind=asked["kind"],
            kinds=NodeKind.choices,
            found=rows[:SHOWN],
            more=len(rows) > SHOWN,
            recent=[] if asked["q"] else selectors.recent_datasets(self.actor),
        )


class LineageNode(Page):
    """What one thing came from and what came from it, as lists and as a picture."""

    template_name = "lineage/node.html"

    def get(self, request: HttpRequest, node: str) -> HttpResponse:
        """Show the surroundings of a node that the reader may see."""
        visible = Node.objects.visible_to(self.actor).with_id(node)
        root = get_object_or_404(visible.select_related("version__registered_model"))
        asked = WalkForm(request.GET).walk()
        graph = selectors.around(root, self.actor, **asked)
        return self.page(
            node=root,
            picture=selectors.picture(graph),
            graph=graph,
            live=selectors.uses(root, self.actor, Stage.PRODUCTION),
            directions=asked["directions"],
            depth=asked["depth"],
            depths=range(1, MAX_DEPTH + 1),
            ways=Direction.choices,
        )
