export REGISTRY_URL={{ url }}
registry-portal fetch {{ name }}{% if pinned %} --version {{ version }}{% endif %} --into {{ name }}/
