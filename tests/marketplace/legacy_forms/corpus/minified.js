// expects {"values": {"a": "1"}}
!function(){var t=$.context.get("site_url");$.atoms.minified=[{tag_code:"a",type:"input",attrs:{name:gettext("A"),"default":"1",tips:t+"help"},events:[{source:"a",type:"change",action:function(e){e||this.show()}}]}]}();
