"""Operations Analytics and Payments ML: single handwritten digits (UCI optical recognition sample)."""

from demo_training.recipe import ModelRecipe, Problem, RejectBelow, VersionRecipe

DIGITS = Problem("digits", "multiclass classification")
CONFUSABLE = Problem("digits", "multiclass classification", labels=(3, 5, 8, 9))
SAMPLE_LIMITS = (
    "Trained and tested on 1,797 centred 8 by 8 digits from 13 writers in the 1990s; "
    "not tested on cursive, crossed-out or photographed digits."
)
PAYMENTS_CONTACT = "Payments ML model owner (role), payments-ml-owner@example.org"

DIGIT_READER = ModelRecipe(
    name="digit-reader",
    team="operations",
    risk_tier="low",
    visibility="organisation",
    description="Reads one handwritten digit from an 8 by 8 grey image.",
    intended_use="Pre-fills digits of scanned forms that a person confirms.",
    limitations=SAMPLE_LIMITS,
    owner_contact="Operations Analytics model owner (role), operations-owner@example.org",
    problem=DIGITS,
    versions=(
        VersionRecipe(
            "1.0.0",
            "Softmax baseline on 300 images.",
            "logistic regression",
            rows=300,
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.0",
            "All 1,257 training images.",
            "logistic regression",
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.1",
            "Stronger regularisation.",
            "logistic regression",
            {"C": 0.05},
            exports=("onnx", "safetensors"),
            parents=(("digit-reader", "1.1.0"),),
        ),
        VersionRecipe(
            "2.0.0",
            "Neural network with 32 hidden units.",
            "multilayer perceptron",
            {"hidden_layer_sizes": (32,)},
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "2.1.0",
            "96 hidden units and more weight decay.",
            "multilayer perceptron",
            {"hidden_layer_sizes": (96,), "alpha": 0.1},
            exports=("onnx", "safetensors"),
            parents=(("digit-reader", "2.0.0"),),
        ),
    ),
)

AMOUNT_READER = ModelRecipe(
    name="amount-digit-reader",
    team="payments-ml",
    risk_tier="high",
    visibility="organisation",
    description=(
        "Reads one digit of a handwritten amount box and abstains when unsure; trained on UCI's optical "
        "digits, not on payment slips."
    ),
    intended_use="Suggests amount digits to a clerk; digits it abstains on are always typed by a person.",
    limitations=SAMPLE_LIMITS + " No payment slip has been seen in training or testing.",
    owner_contact=PAYMENTS_CONTACT,
    problem=DIGITS,
    versions=(
        VersionRecipe(
            "1.0.0",
            "Softmax on 400 images, abstains below 0.60.",
            "logistic regression",
            rows=400,
            decision=RejectBelow(0.6),
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.0.1",
            "Abstains below 0.80, weights unchanged.",
            "logistic regression",
            rows=400,
            decision=RejectBelow(0.8),
            exports=("onnx", "safetensors"),
            parents=(("amount-digit-reader", "1.0.0"),),
        ),
        VersionRecipe(
            "1.1.0",
            "All 1,257 training images, abstains below 0.80.",
            "logistic regression",
            {"C": 0.1},
            decision=RejectBelow(0.8),
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "2.0.0",
            "Neural network with 48 hidden units, abstains below 0.90.",
            "multilayer perceptron",
            {"hidden_layer_sizes": (48,)},
            decision=RejectBelow(0.9),
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "2.1.0-rc.1",
            "Candidate: the weights of digit-reader 2.1.0, abstains below 0.95.",
            "multilayer perceptron",
            {"hidden_layer_sizes": (96,), "alpha": 0.1},
            decision=RejectBelow(0.95),
            exports=("onnx", "safetensors"),
            parents=(("digit-reader", "2.1.0"),),
        ),
    ),
)

SECOND_LOOK = ModelRecipe(
    name="digit-second-look",
    team="payments-ml",
    risk_tier="medium",
    visibility="organisation",
    description="Looks again at digits read as 3, 5, 8 or 9, shapes that are easily mistaken for each other.",
    intended_use="Called after amount-digit-reader on those answers; disagreement sends it to a clerk.",
    limitations=SAMPLE_LIMITS + " Knows four digits only and answers one of them for any image.",
    owner_contact=PAYMENTS_CONTACT,
    problem=CONFUSABLE,
    versions=(
        VersionRecipe(
            "1.0.0",
            "Softmax baseline on 200 images of the four digits.",
            "logistic regression",
            rows=200,
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.1.0",
            "All training images of the four digits.",
            "logistic regression",
            {"C": 0.1},
            exports=("onnx", "safetensors"),
        ),
        VersionRecipe(
            "1.2.0",
            "Forest of 40 trees.",
            "random forest",
            {"n_estimators": 40, "max_depth": 8},
            exports=("onnx", "joblib"),
        ),
        VersionRecipe(
            "1.3.0",
            "Extra trees instead of the forest.",
            "extra trees",
            {"n_estimators": 40, "max_depth": 8},
            exports=("onnx", "joblib"),
        ),
        VersionRecipe(
            "2.0.0",
            "Neural network with 32 hidden units.",
            "multilayer perceptron",
            {"hidden_layer_sizes": (32,), "alpha": 0.01},
            exports=("onnx", "safetensors"),
        ),
    ),
)

MODELS = (DIGIT_READER, AMOUNT_READER, SECOND_LOOK)
