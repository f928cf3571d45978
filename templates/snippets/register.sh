# The answer names the new version, such as {{ next }}.
curl --fail --header "Authorization: Bearer $REGISTRY_TOKEN" \
  --json '{"bump": "minor", "metrics": {"auc": 0.95}}' \
  {{ api }}models/{{ name }}/versions/
curl --fail --header "Authorization: Bearer $REGISTRY_TOKEN" \
  --upload-file model.onnx \
  {{ api }}models/{{ name }}/versions/{{ next }}/artifacts/model.onnx
curl --fail --header "Authorization: Bearer $REGISTRY_TOKEN" \
  --request POST {{ api }}models/{{ name }}/versions/{{ next }}/seal/
