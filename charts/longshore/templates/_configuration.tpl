{{- define "longshore.configuration" -}}
{{- include "longshore.refuse" . -}}
{{- $own := deepCopy .Values.configuration -}}
{{- /* The path of a webhook's address is often its secret: the address comes from a Secret (longshore.webhookAddresses). */ -}}
{{- range dig "notifications" "endpoints" list $own }}{{ $_ := unset . "url" }}{{ end -}}
{{- if .Values.auth.providers.existingSecret }}
{{- range dig "auth" "oidc" "providers" list $own }}
{{- if not .clientsecretfile }}{{ $_ := set . "clientsecretfile" (printf "/run/secrets/longshore/providers/%s" .name) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $http := dict "addr" ":5000" "debug" (dict "addr" ":5001" "prometheus" (dict "enabled" .Values.metrics.enabled)) -}}
{{- with include "longshore.externalUrl" . }}{{ $_ := set $http "host" . }}{{ end -}}
{{- /* Their pods have private addresses, which only they and other pods of the cluster come from. What the operator says wins, an empty list as well. */ -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not (hasKey (default dict $own.http) "trustedproxies")) -}}
{{- $_ := set $http "trustedproxies" (list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" "100.64.0.0/10" "fc00::/7") -}}
{{- end -}}
{{- $replicas := printf "%s:5000" (include "longshore.origin" (list . "blobService" "blob-service" "blob-service-replicas")) -}}
{{- $chart := dict
  "version" "0.1"
  "http" $http
  "nats" (include "longshore.natsConfiguration" . | fromYaml)
  "services" (dict "blobservice" (dict "urls" (list $replicas)))
  "storage" (eq .Values.storage.driver "custom" | ternary .Values.storage.custom (dict .Values.storage.driver (index .Values.storage .Values.storage.driver)))
-}}
{{- with include "longshore.authConfiguration" . | fromYaml }}{{ $_ := set $chart "auth" . }}{{ end -}}
{{- toYaml (mustMergeOverwrite $own $chart) -}}
{{- end -}}

{{- /* The addresses of the webhooks by their place in the configuration; an address may be in `configurationFromSecrets` instead. */ -}}
{{- define "longshore.webhookAddresses" -}}
{{- $addresses := dict -}}
{{- range $index, $endpoint := dig "notifications" "endpoints" list .Values.configuration -}}
{{- with $endpoint.url }}{{ $_ := set $addresses (toString $index) . }}{{ end -}}
{{- end -}}
{{- toJson $addresses -}}
{{- end -}}

{{- define "longshore.natsConfiguration" -}}
{{- if .Values.nats.bundled.enabled -}}
servers: [{{ printf "nats://%s:4222" (include "longshore.name" (list . "nats")) }}]
{{- else -}}
servers: {{ toYaml .Values.nats.servers | nindent 2 }}
{{- with .Values.nats.tls.existingSecret }}
tls:
  {{- with $.Values.nats.tls.caKey }}
  ca: {{ printf "/run/secrets/longshore/nats-tls/%s" . | quote }}
  {{- end }}
  {{- with $.Values.nats.tls.certificateKey }}
  certificate: {{ printf "/run/secrets/longshore/nats-tls/%s" . | quote }}
  {{- end }}
  {{- with $.Values.nats.tls.keyKey }}
  key: {{ printf "/run/secrets/longshore/nats-tls/%s" . | quote }}
  {{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "longshore.authConfiguration" -}}
{{- with .Values.auth.htpasswd }}{{ if .existingSecret }}
htpasswd: { path: {{ printf "/run/secrets/longshore/accounts/%s" .key | quote }} }
{{- end }}{{ end }}
{{- with .Values.auth.externalTokens }}{{ if .existingSecret }}
token:
  {{- with .jwksKey }}
  jwks: {{ printf "/run/secrets/longshore/tokens/%s" . | quote }}
  {{- end }}
  {{- with .rootcertbundleKey }}
  rootcertbundle: {{ printf "/run/secrets/longshore/tokens/%s" . | quote }}
  {{- end }}
{{- end }}{{ end }}
{{- end -}}

{{- /* Where clients find the registry; empty when nobody said. */ -}}
{{- define "longshore.externalUrl" -}}
{{- if .Values.externalUrl -}}
{{- .Values.externalUrl | trimSuffix "/" -}}
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}
{{- printf "%s://%s" (ternary "https" "http" .Values.ingress.tls.enabled) .Values.ingress.host -}}
{{- end -}}
{{- end -}}

{{- /* Variables of every process that reads or writes the database. */ -}}
{{- define "longshore.postgresVariables" -}}
{{- with .Values.postgres }}
{{- if .bundled.enabled }}
- { name: REGISTRY_POSTGRES_HOST, value: {{ include "longshore.name" (list $ "postgres") | quote }} }
- { name: REGISTRY_POSTGRES_USER, value: longshore }
- { name: REGISTRY_POSTGRES_DATABASE, value: longshore }
{{- else if not .urlKey }}
- { name: REGISTRY_POSTGRES_HOST, value: {{ .host | quote }} }
- { name: REGISTRY_POSTGRES_PORT, value: {{ .port | quote }} }
- { name: REGISTRY_POSTGRES_USER, value: {{ .user | quote }} }
- { name: REGISTRY_POSTGRES_DATABASE, value: {{ .database | quote }} }
{{- end }}
- { name: REGISTRY_POSTGRES_POOL, value: {{ .pool | quote }} }
{{- end }}
{{- end -}}
