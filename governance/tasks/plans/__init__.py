"""Visit plans for care registers (走访计划): when each person is due, and who hears of it when nobody came."""
