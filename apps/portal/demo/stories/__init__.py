"""What happened to each model: a story per model, in chapters that take turns so that the log reads as a calendar."""

from apps.portal.demo.stories import clinical, customers, operations, payments

# The last chapter; of what happens in it people are told by e-mail too.
PRESENT = 5
# A story stands after those whose versions it descends from.
STORIES = (
    clinical.tumour_malignancy,
    clinical.tumour_triage_sensitive,
    clinical.diabetes_progression,
    operations.digit_reader,
    payments.amount_digit_reader,
    payments.digit_second_look,
    customers.cultivar_classifier,
    operations.alcohol_estimate,
)
