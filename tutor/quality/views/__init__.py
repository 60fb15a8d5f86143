"""Pages of quality: agreement and items, similar answers, tricks, fairness."""
