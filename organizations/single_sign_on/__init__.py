"""Single sign-on by OpenID Connect or SAML: each organization's own provider lets its people in.

django-allauth's provider is not used: it takes an identity from the user info without comparing it with the signed
token, sends no nonce, and asks the provider for its configuration while a person waits for the page. What follows a
sign-in is allauth's: second factors, sessions, and where the person is led.

`fetch` reads from providers, `configuration` keeps what they publish, `oidc` and `saml` speak the protocols and give
`claims`, `entry` finds the account, `gate` keeps an organization closed to other sessions, `views` has the pages. SAML
is an extra (`saml_extra`): `saml_metadata` reads metadata, `saml_xml` and `saml_signature` are the only ones that
import its packages, `answers` leads a posted answer to the browser's session.
"""
