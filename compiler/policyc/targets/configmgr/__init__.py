"""The ConfigMgr target."""
