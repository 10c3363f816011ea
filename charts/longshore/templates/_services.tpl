{{- /*
The services, by their key in the values: what the whole chart knows of them.
  component  the name of the image, of the label, and the end of every name
  listens    whether it has a port for clients
  files      credentials that its pods mount (longshore.credentials)
  store      whether it touches the bytes
*/ -}}
{{- define "longshore.services" -}}
apiGateway: { component: api-gateway, listens: true, store: false, files: [nats, nats-tls, services, tokens, api-gateway-tls, api-gateway-clients, blob-service-ca, gateway-certificate] }
blobService: { component: blob-service, listens: true, store: true, files: [postgres, nats, nats-tls, services, tokens, store, blob-service-tls, blob-service-clients] }
manifestService: { component: manifest-service, listens: false, store: false, files: [postgres, nats, nats-tls] }
authService: { component: auth-service, listens: false, store: false, files: [postgres, nats, nats-tls, services, accounts, seal, directory, providers] }
notifier: { component: notifier, listens: false, store: false, files: [postgres, nats, nats-tls] }
garbageCollector: { component: garbage-collector, listens: false, store: true, files: [postgres, store] }
{{- end -}}

{{- /* The values of a service, over those of all services: (list $ "blobService"). */ -}}
{{- define "longshore.serviceValues" -}}
{{- $root := index . 0 -}}
{{- toYaml (mustMergeOverwrite (deepCopy $root.Values.defaults) (deepCopy (index $root.Values (index . 1)))) -}}
{{- end -}}

{{- /* The fewest pods of a service's values; two where a scaler of another chart sets their number (`replicas: null`). */ -}}
{{- define "longshore.fewestReplicas" -}}
{{- if .autoscaling.enabled -}}{{ .autoscaling.minReplicas }}
{{- else if kindIs "invalid" .replicas -}}2
{{- else -}}{{ .replicas }}
{{- end -}}
{{- end -}}
