"""Customer Insight and Operations Analytics: laboratory measurements of 178 Italian wines."""

from demo_training.recipe import ModelRecipe, Problem, VersionRecipe

LIMITS = "178 wines of three cultivars of one Italian region; says nothing about other regions or cultivars."

CULTIVAR = ModelRecipe(
    name="cultivar-classifier",
    team="customer-insight",
    risk_tier="low",
    visibility="organisation",
    description="Tells which of three cultivars a wine was made from by 13 laboratory measurements.",
    intended_use="Checks catalogue entries before they are used for recommendations.",
    limitations=LIMITS,
    owner_contact="Customer Insight model owner (role), customer-insight-owner@example.org",
    problem=Problem("wine", "multiclass classification"),
    versions=(
        VersionRecipe(
            "1.0.0",
            "Baseline on alcohol, hue and colour intensity, 60 wines.",
            "logistic regression",
            features=("alcohol", "hue", "color_intensity"),
            rows=60,
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.0",
            "All 124 training wines.",
            "logistic regression",
            features=("alcohol", "hue", "color_intensity"),
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.2.0",
            "All 13 measurements.",
            "logistic regression",
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "2.0.0",
            "Forest of 25 trees.",
            "random forest",
            {"n_estimators": 25, "max_depth": 5},
            exports=("onnx", "joblib"),
        ),
        VersionRecipe(
            "2.1.0",
            "Linear discriminant analysis, as accurate and far smaller.",
            "linear discriminant analysis",
            exports=("onnx", "safetensors"),
        ),
    ),
)

ALCOHOL = ModelRecipe(
    name="alcohol-estimate",
    team="operations",
    risk_tier="low",
    visibility="organisation",
    description="Estimates a wine's alcohol content in per cent by volume from twelve other measurements.",
    intended_use="Finds laboratory results worth measuring again; never printed on a label.",
    limitations=LIMITS,
    owner_contact="Operations Analytics model owner (role), operations-owner@example.org",
    problem=Problem("wine", "regression", target_column="alcohol"),
    versions=(
        VersionRecipe(
            "1.0.0",
            "Colour intensity and proline only.",
            "linear regression",
            features=("color_intensity", "proline"),
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.0",
            "All twelve measurements.",
            "ridge regression",
            {"alpha": 1.0},
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.2.0",
            "Lasso: drops measurements that add nothing.",
            "lasso regression",
            {"alpha": 0.03},
            exports=("onnx", "safetensors"),
            parents=(("alcohol-estimate", "1.1.0"),),
        ),
        VersionRecipe(
            "2.0.0",
            "Boosted trees on all twelve measurements.",
            "gradient boosting regression",
            {"n_estimators": 60, "max_depth": 2, "learning_rate": 0.1},
            exports=("onnx", "joblib"),
        ),
        VersionRecipe(
            "2.1.0-rc.1",
            "Candidate: small neural network.",
            "multilayer perceptron regression",
            {"hidden_layer_sizes": (8,), "alpha": 5.0, "learning_rate_init": 0.01},
            exports=("onnx", "safetensors"),
        ),
    ),
)

MODELS = (CULTIVAR, ALCOHOL)
