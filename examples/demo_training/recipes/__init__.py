"""Every model of the demonstration, by team."""

from demo_training.recipe import ModelRecipe

from . import clinical, digits, wine

MODELS: tuple[ModelRecipe, ...] = (*clinical.MODELS, *digits.MODELS, *wine.MODELS)
TEAMS = {
    "payments-ml": "Payments ML",
    "clinical-ai": "Clinical AI",
    "operations": "Operations Analytics",
    "customer-insight": "Customer Insight",
}
