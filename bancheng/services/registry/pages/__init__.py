"""The doors of the registry: `desk` for officers, `owner` for who is named or holds, `checking` for anybody."""
