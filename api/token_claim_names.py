"""Names in a token, for who writes and who reads them."""

CUSTOMER_CLAIM = "customer_id"
"""Whose purchases the reader may see."""

CUSTOMER_ATTRIBUTE = "custom:customer_id"
"""The user pool's attribute it comes from; its application clients may not write it."""

GROUPS_CLAIM = "cognito:groups"
SUPPORT_GROUP = "support"
"""The group whose members may read everybody's purchases."""

TOKEN_USE, CLIENT_ID = "token_use", "client_id"
ACCESS = "access"
