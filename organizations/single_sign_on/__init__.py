"""Single sign-on by OpenID Connect: each organization's own provider lets its people in.

django-allauth's provider is not used: it takes an identity from the user info without comparing it with the signed
token, sends no nonce, and asks the provider for its configuration while a person waits for the page. What follows a
sign-in is allauth's: second factors, sessions, and where the person is led.

`domains` proves who may vouch for an address, `fetch` reads from providers, `configuration` keeps what they publish,
`oidc` speaks the protocol, `entry` finds the account, `views` has the pages.
"""
