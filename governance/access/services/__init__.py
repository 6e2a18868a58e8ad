"""What accounts, posts, devices and rights undergo (服务): one module for each of them."""
