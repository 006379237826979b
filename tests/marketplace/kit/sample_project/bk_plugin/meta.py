description = "示例插件"
allow_scope = {"flow_space": {"type": "space", "value": ["7", "8"]}}
