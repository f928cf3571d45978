"""Services the portal runs itself where no server is given."""
