#!/bin/bash
# Ingress and Gateway API: Traefik from the Go module proxy, the CRDs from inside sigs.k8s.io/gateway-api. Idempotent.
# From the host: http://10.250.0.2:31080 (https 31443). IngressClass traefik (default), GatewayClass traefik, Gateway traefik/traefik.
. "$(dirname "$0")/../lib.sh"
need_node
need_binaries traefik
HTTP=31080; HTTPS=31443

image test.local/traefik:$TRAEFIK traefik
gw=$(module_dir "$ROOT/addons/ingress/go.mod" sigs.k8s.io/gateway-api)
kubectl apply --server-side --force-conflicts -k "$gw/config/crd" >/dev/null || fail "Gateway API CRDs"   # server-side: too big for the annotation
kubectl wait --for=condition=Established crd/httproutes.gateway.networking.k8s.io crd/gateways.gateway.networking.k8s.io --timeout=30s >/dev/null
step "Gateway API CRDs"
kubectl apply -f - >/dev/null <<Y
apiVersion: v1
kind: Namespace
metadata: {name: traefik}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: traefik, namespace: traefik}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: traefik}
rules:
- {apiGroups: [""], resources: [services, secrets, configmaps, namespaces, nodes, pods], verbs: [get, list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses, ingressclasses], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses/status], verbs: [update]}
- {apiGroups: [gateway.networking.k8s.io], resources: ["*"], verbs: [get, list, watch]}
- {apiGroups: [gateway.networking.k8s.io], verbs: [update], resources: [gatewayclasses/status, gateways/status, httproutes/status, grpcroutes/status, tcproutes/status, tlsroutes/status, referencegrants/status, backendtlspolicies/status]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: traefik}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traefik}
subjects: [{kind: ServiceAccount, name: traefik, namespace: traefik}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik, namespace: traefik}
spec:
  selector: {matchLabels: {app: traefik}}
  template:
    metadata: {labels: {app: traefik}}
    spec:
      serviceAccountName: traefik
      containers:
      - name: traefik
        image: test.local/traefik:$TRAEFIK
        args:                                # a Gateway's listener needs an entry point of the same port
        - --entryPoints.web.address=:80
        - --entryPoints.websecure.address=:443
        - --entryPoints.websecure.http.tls   # or an Ingress with tls gets a certificate and 404
        - --entryPoints.traefik.address=:9000
        - --ping
        - --providers.kubernetesIngress
        - --providers.kubernetesIngress.ingressEndpoint.ip=$NODE_IP
        - --providers.kubernetesGateway
        - --providers.kubernetesGateway.statusAddress.ip=$NODE_IP
        - --global.checkNewVersion=false
        - --global.sendAnonymousUsage=false
        ports: [{name: web, containerPort: 80}, {name: websecure, containerPort: 443}]
        readinessProbe: {httpGet: {path: /ping, port: 9000}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: traefik, namespace: traefik}
spec:
  type: NodePort
  selector: {app: traefik}
  ports: [{name: web, port: 80, nodePort: $HTTP}, {name: websecure, port: 443, nodePort: $HTTPS}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: traefik, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: traefik.io/ingress-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: traefik}
spec: {controllerName: traefik.io/gateway-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: traefik, namespace: traefik}
spec:
  gatewayClassName: traefik
  listeners: [{name: web, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: All}}}]
Y
rollout traefik deployment/traefik
kubectl -n traefik wait --for=condition=Programmed gateway/traefik --timeout=30s >/dev/null || fail "the Gateway is not programmed: $(kubectl -n traefik get gateway traefik -o yaml)"
step "Traefik serves"

