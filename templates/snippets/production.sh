curl --fail --header "Authorization: Bearer $REGISTRY_TOKEN" \
  {{ api }}models/{{ name }}/production/
