"""Every act that a face has."""

from tests.parity.acts import accounts, promotions, registry
from tests.parity.acts.act import Act, sees_model

ACTS = (*promotions.ACTS, *accounts.ACTS, *registry.ACTS)

__all__ = ["ACTS", "Act", "sees_model"]
