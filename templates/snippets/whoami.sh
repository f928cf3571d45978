curl --header "Authorization: Bearer {{ name }}" {{ api }}me/
