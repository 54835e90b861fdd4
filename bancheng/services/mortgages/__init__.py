"""mortgages: S13 抵押登记全程网办."""
