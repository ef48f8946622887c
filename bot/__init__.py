"""The core: commands, policy, approvals, operations. It knows no vendor."""
