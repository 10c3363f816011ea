{{- /* The values of TLS of a service that clients reach: (list $ "apiGateway"). `existingSecret` is empty where it speaks plain HTTP. */ -}}
{{- define "longshore.tls" -}}
{{- toYaml (include "longshore.serviceValues" . | fromYaml).tls -}}
{{- end -}}

{{- define "longshore.scheme" -}}
{{- ternary "http" "https" (empty (include "longshore.tls" . | fromYaml).existingSecret) -}}
{{- end -}}

{{- /* The name that the certificate of a component is verified by: (list $ "api-gateway"). Of blob-service it is that of its replicas. */ -}}
{{- define "longshore.tlsName" -}}
{{- $name := include "longshore.name" (list (index . 0) (eq (index . 1) "blob-service" | ternary "blob-service-replicas" (index . 1))) -}}
{{- printf "%s.%s.svc" $name (include "longshore.namespace" (index . 0) | trimAll "\"") -}}
{{- end -}}

{{- /* Where a component is inside of the cluster, without a port: (list $ "apiGateway" "api-gateway" Service). With TLS it has the name of its certificate. */ -}}
{{- define "longshore.origin" -}}
{{- $root := index . 0 -}}
{{- $scheme := include "longshore.scheme" (list $root (index . 1)) -}}
{{- $plain := include "longshore.name" (list $root (index . 3)) -}}
{{- printf "%s://%s" $scheme (eq $scheme "https" | ternary (include "longshore.tlsName" (list $root (index . 2))) $plain) -}}
{{- end -}}

{{- /* What the port of a Service speaks: (list $ "apiGateway"), for Ingress controllers, meshes and clouds. Some go by its name instead. */ -}}
{{- define "longshore.portProtocol" -}}
{{- if eq (include "longshore.scheme" .) "https" }}
appProtocol: https
{{- end }}
{{- end -}}

{{- /* Annotations with which a controller speaks TLS to the gateway, and verifies it where it can be told to by the same Secret. */ -}}
{{- define "longshore.ingressTls" -}}
{{- $tls := include "longshore.tls" (list . "apiGateway") | fromYaml -}}
{{- $namespace := include "longshore.namespace" . | trimAll "\"" -}}
{{- if $tls.existingSecret -}}
{{- if eq .Values.ingress.controller "nginx" -}}
nginx.ingress.kubernetes.io/backend-protocol: HTTPS
{{- if eq $tls.caKey "ca.crt" }}
nginx.ingress.kubernetes.io/proxy-ssl-secret: {{ printf "%s/%s" $namespace $tls.existingSecret | quote }}
nginx.ingress.kubernetes.io/proxy-ssl-verify: 'on'
nginx.ingress.kubernetes.io/proxy-ssl-verify-depth: '3'
nginx.ingress.kubernetes.io/proxy-ssl-name: {{ include "longshore.tlsName" (list . "api-gateway") | quote }}
nginx.ingress.kubernetes.io/proxy-ssl-server-name: 'on'
{{- end }}
{{- else if eq .Values.ingress.controller "haproxy" -}}
haproxy.org/server-ssl: 'true'
{{- else if eq .Values.ingress.controller "f5" -}}
nginx.org/ssl-services: {{ include "longshore.name" (list . "api-gateway") | quote }}
{{- end -}}
{{- end -}}
{{- end -}}
