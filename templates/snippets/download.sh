curl --fail --create-dirs --continue-at - --header "Authorization: Bearer $REGISTRY_TOKEN" \
  --output {{ name }}/{{ path }} \
  {{ api }}models/{{ name }}/versions/{{ version }}/artifacts/{{ path }}
echo "{{ sha256 }}  {{ name }}/{{ path }}" | sha256sum --check
