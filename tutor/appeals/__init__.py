"""The appeal bundle: what stands in the log about one mark, in a form that anybody can verify offline."""
