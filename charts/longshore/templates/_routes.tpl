{{- /* Annotations with which a controller lets a layer of 10 GB through: no limit on bodies, no buffering, hours of time. */ -}}
{{- define "longshore.ingressLimits" -}}
{{- if eq .Values.ingress.controller "nginx" -}}
nginx.ingress.kubernetes.io/proxy-body-size: '0'
nginx.ingress.kubernetes.io/proxy-request-buffering: 'off'
nginx.ingress.kubernetes.io/proxy-buffering: 'off'
nginx.ingress.kubernetes.io/proxy-http-version: '1.1'
nginx.ingress.kubernetes.io/proxy-read-timeout: '3600'
nginx.ingress.kubernetes.io/proxy-send-timeout: '3600'
{{- else if eq .Values.ingress.controller "haproxy" -}}
haproxy.org/timeout-client: 1h
haproxy.org/timeout-server: 1h
haproxy.org/timeout-http-request: 1h
{{- else if eq .Values.ingress.controller "f5" -}}
nginx.org/client-max-body-size: '0'
nginx.org/proxy-buffering: 'False'
nginx.org/proxy-read-timeout: 1h
nginx.org/proxy-send-timeout: 1h
{{- end -}}
{{- end -}}

{{- /* Of a rule of the HTTPRoute, where the values ask for some: 0s is no limit. */ -}}
{{- define "longshore.routeTimeouts" -}}
{{- with .timeouts -}}
timeouts: {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}
