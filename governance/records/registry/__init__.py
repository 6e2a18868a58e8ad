"""The registries in the console (登记簿): lists, record pages, all drawn from the contract.

Rooms above register their own kinds with :class:`governance.records.registry.admin.RecordAdmin`.
"""
