// expects {"values": {"files": []}}
(function () {
    $.atoms.upload_form = [
        {
            tag_code: "files", type: "upload",
            attrs: {
                name: "Files", url: window.FILE_UPLOAD_ENTRY, headers: {"X-App": window.APP_CODE}, multiple: true, auto_upload: true, limit: 3,
                data_params: {}, withCredentials: true, submit: "Upload",
                beforeUpload: function (file) { return file.size < 1048576; },
                onSuccess: function (response, file) { file.tag = response.tag; },
                httpRequest: function (option) { option.onSuccess({}); },
                onRemove: function () {},
                onError: function () { show_msg(gettext("upload failed"), "error"); }
            }
        }
    ];
})();
