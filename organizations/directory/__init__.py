"""SCIM 2.0 (RFC 7643, 7644): the directory of a company adds, changes and ends the members of an organization.

`views` speaks the protocol, `users` and `groups` write, `roles` turns groups into roles, `tokens` lets a directory in.
"""
