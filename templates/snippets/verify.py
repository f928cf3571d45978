from standardwebhooks import Webhook

event = Webhook(SECRET).verify(body, headers)
