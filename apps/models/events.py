"""Event types of the registry."""

from apps.audit.events import register

MODEL_REGISTERED = register("models.model.registered", "registered the model {name}")
MODEL_CHANGED = register("models.model.changed", "changed {fields} of {subject}", personal=("reason",))
VERSION_REGISTERED = register("models.version.registered", "registered version {version} of {model}")
VERSION_SEALED = register("models.version.sealed", "sealed version {version} of {model}")
VERSION_FAILED = register(
    "models.version.failed", "gave up version {version} of {model}: {reason}", personal=("reason",)
)
ARTIFACT_UPLOADED = register("models.artifact.uploaded", "uploaded {path} to {subject}")
ARTIFACT_REPLACED = register("models.artifact.replaced", "replaced {path} of {subject}")
ARTIFACT_LINKED = register("models.artifact.linked", "linked known bytes as {path} to {subject}")
ALIAS_SET = register("models.alias.set", "pointed @{alias} of {model} at {version}")
ALIAS_REMOVED = register("models.alias.removed", "removed @{alias} from {model}")
STANDARD_SET = register("models.standard.set", "set the metadata standard {subject}")
