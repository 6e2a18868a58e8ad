"""Visit plans for care registers (走访计划): when each person is due, who hears when nobody came."""
