"""The knowledge of the field as pure functions: no Beam, no network, no clock."""
