"""Clinical AI: fine-needle aspirate measurements (breast cancer Wisconsin) and diabetes progression."""

from demo_training.recipe import ModelRecipe, Problem, RecallFloor, VersionRecipe

TUMOUR = Problem("breast_cancer", "binary classification", positive_label=0)
MEAN_FEATURES = tuple(
    f"mean {name}"
    for name in (
        "radius",
        "texture",
        "perimeter",
        "area",
        "smoothness",
        "compactness",
        "concavity",
        "concave points",
        "symmetry",
        "fractal dimension",
    )
)
CONTACT = "Clinical AI model owner (role), clinical-ai-owner@example.org"
TUMOUR_LIMITS = (
    "Trained and tested on one public sample of 569 aspirates from one hospital collected before 1995; "
    "not validated on other sites, laboratories or populations; not a medical device."
)

TUMOUR_MALIGNANCY = ModelRecipe(
    name="tumour-malignancy",
    team="clinical-ai",
    risk_tier="high",
    visibility="team",
    description=(
        "Estimates the probability that a breast mass is malignant from 30 measurements of cell nuclei "
        "in a fine-needle aspirate image."
    ),
    intended_use="Second reading beside a pathologist in method studies; never the only ground to decide.",
    limitations=TUMOUR_LIMITS,
    owner_contact=CONTACT,
    problem=TUMOUR,
    versions=(
        VersionRecipe(
            "1.0.0",
            "First baseline on the ten mean measurements and 150 aspirates.",
            "logistic regression",
            features=MEAN_FEATURES,
            rows=150,
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.0",
            "Same measurements, all 398 training aspirates.",
            "logistic regression",
            features=MEAN_FEATURES,
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.2.0",
            "All 30 measurements with stronger regularisation.",
            "logistic regression",
            {"C": 0.5},
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "2.0.0",
            "Forest of 40 trees instead of a linear model.",
            "random forest",
            {"n_estimators": 40, "max_depth": 5},
            exports=("onnx", "joblib"),
        ),
        VersionRecipe(
            "2.1.0",
            "Linear again, with probabilities calibrated over five folds.",
            "calibrated logistic regression",
            {"C": 0.5},
            parents=(("tumour-malignancy", "1.2.0"),),
        ),
    ),
)

TUMOUR_TRIAGE = ModelRecipe(
    name="tumour-triage-sensitive",
    team="clinical-ai",
    risk_tier="high",
    visibility="team",
    description=(
        "Flags fine-needle aspirates that should be read first, with its cut-off chosen to miss as few "
        "malignant ones as possible."
    ),
    intended_use="Orders a reading queue; every aspirate is still read by a pathologist.",
    limitations=TUMOUR_LIMITS + " The cut-off trades many false alarms for few misses.",
    owner_contact=CONTACT,
    problem=TUMOUR,
    versions=(
        VersionRecipe(
            "1.0.0",
            "Mean measurements, cut-off for 97 % recall.",
            "logistic regression",
            features=MEAN_FEATURES,
            decision=RecallFloor(0.97),
            exports=("onnx", "safetensors"),
            parents=(("tumour-malignancy", "1.1.0"),),
        ),
        VersionRecipe(
            "1.1.0",
            "The fitted model of tumour-malignancy 1.2.0, cut-off for 98 % recall.",
            "logistic regression",
            {"C": 0.5},
            decision=RecallFloor(0.98),
            exports=("onnx", "safetensors"),
            parents=(("tumour-malignancy", "1.2.0"),),
        ),
        VersionRecipe(
            "1.1.1",
            "Cut-off lowered to 99 % recall, weights unchanged.",
            "logistic regression",
            {"C": 0.5},
            decision=RecallFloor(0.99),
            exports=("onnx", "safetensors"),
            parents=(("tumour-triage-sensitive", "1.1.0"),),
        ),
        VersionRecipe(
            "2.0.0",
            "Small neural network, cut-off for 99 % recall.",
            "multilayer perceptron",
            {"hidden_layer_sizes": (16,), "alpha": 0.01},
            decision=RecallFloor(0.99),
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "2.1.0-rc.1",
            "Candidate: boosted trees, cut-off for 99 % recall.",
            "gradient boosting",
            {"n_estimators": 60, "max_depth": 2},
            decision=RecallFloor(0.99),
        ),
    ),
)

DIABETES = ModelRecipe(
    name="diabetes-progression",
    team="clinical-ai",
    risk_tier="medium",
    visibility="organisation",
    description=(
        "Estimates a score of disease progression one year after baseline from ten baseline measurements of "
        "diabetes patients."
    ),
    intended_use="Research on which patients to follow more closely; not a treatment recommendation.",
    limitations=(
        "442 patients of one study (Efron et al., 2004); inputs are the study's centred and scaled columns; "
        "explains about half of the variance."
    ),
    owner_contact=CONTACT,
    problem=Problem("diabetes", "regression"),
    versions=(
        VersionRecipe(
            "1.0.0",
            "Body mass index and blood pressure only, 150 patients.",
            "linear regression",
            features=("bmi", "bp"),
            rows=150,
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.0",
            "All ten measurements, all 309 training patients.",
            "linear regression",
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.2.0",
            "Ridge penalty against the correlated serum columns.",
            "ridge regression",
            {"alpha": 20.0},
            exports=("onnx", "safetensors"),
            parents=(("diabetes-progression", "1.1.0"),),
        ),
        VersionRecipe(
            "2.0.0",
            "Boosted trees instead of a linear model.",
            "gradient boosting regression",
            {"n_estimators": 60, "max_depth": 2, "learning_rate": 0.1},
            exports=("onnx", "joblib"),
        ),
        VersionRecipe(
            "2.1.0",
            "Ridge model without the sex column, to measure what leaving it out costs.",
            "ridge regression",
            {"alpha": 20.0},
            features=("age", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
            exports=("onnx", "safetensors"),
            parents=(("diabetes-progression", "1.2.0"),),
        ),
    ),
)

MODELS = (TUMOUR_MALIGNANCY, TUMOUR_TRIAGE, DIABETES)
