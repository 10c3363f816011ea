{{- /* Written by `npm run generate` from libs/stores; do not edit. */ -}}
{{- define "longshore.drivers" -}}
["filesystem","s3","azure","swift","oss","custom"]
{{- end -}}

{{- /* Parameters that a Secret with a driver's credentials holds, unless it is told which. */ -}}
{{- define "longshore.usualStoreSecrets" -}}
s3: ["accesskey","secretkey"]
azure: ["accountkey"]
swift: ["password"]
oss: ["accesskeyid","accesskeysecret"]
{{- end -}}
