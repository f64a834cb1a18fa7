/* SPDX-License-Identifier: MIT */
/* APIs behind HTTP that are services of their own. */
#include "base/json.h"
#include "portscan/match-http.h"

/* Goes to the value of that key of the object that is next. */
static bool json_to(struct smi_json *j, const char *key)
{
	struct smi_span k;

	if (!smi_json_open(j, '{'))
		return false;
	while (smi_json_member(j, &k)) {
		if (smi_span_eq_str(k, key))
			return true;
		smi_json_skip(j);
	}
	return false;
}

struct smi_span smi_http_json(const struct smi_http *h, const char *key,
			      const char *inner)
{
	struct smi_json j;
	struct smi_json_value v;

	smi_json_init(&j, h->body);
	if (!json_to(&j, key) || (inner && !json_to(&j, inner)) ||
	    !smi_json_value(&j, &v) || v.type != SMI_JSON_STRING)
		return smi_span_str("");
	return v.text;
}

static bool is_json(const struct smi_http *h)
{
	struct smi_json j;

	smi_json_init(&j, h->body);
	return smi_json_peek(&j) == SMI_JSON_OBJECT && smi_json_skip(&j) &&
	       smi_json_done(&j);
}

static void set_api(struct smi_service_id *id, const char *service,
		    const char *product, struct smi_span version)
{
	smi_id_set(id, service);
	id->product = smi_span_str(product);
	id->version = smi_text_version(version);
}

/* A matcher of a JSON text that only a 200 brings. */
static enum smi_match read_json(struct smi_span reply, bool end,
				struct smi_http *h)
{
	enum smi_match begins = smi_text_begins(reply, "HTTP/1.", end);

	if (begins == SMI_MATCH_YES)
		begins = smi_http_read(reply, end, h);
	if (begins != SMI_MATCH_YES)
		return begins;
	if (h->status != 200)
		return SMI_MATCH_NO;
	if (!h->whole)
		return SMI_MATCH_MORE;
	return is_json(h) ? SMI_MATCH_YES : SMI_MATCH_NO;
}

static enum smi_match match_version(struct smi_span reply, bool end,
				    struct smi_service_id *id)
{
	struct smi_http h;
	enum smi_match read = read_json(reply, end, &h);
	struct smi_span api, etcd, git;

	if (read != SMI_MATCH_YES)
		return read;
	api = smi_http_json(&h, "ApiVersion", NULL);
	etcd = smi_http_json(&h, "etcdserver", NULL);
	git = smi_http_json(&h, "gitVersion", NULL);
	if (api.len > 0) {
		bool podman = smi_text_has(h.body, "\"Podman Engine\"");

		set_api(id, "docker", podman ? "Podman" : "Docker",
			smi_http_json(&h, "Version", NULL));
		id->open = true;
		smi_id_add(id, "API ", api);
		smi_id_add(id, "", smi_http_json(&h, "Os", NULL));
		smi_id_add(id, "kernel ",
			   smi_http_json(&h, "KernelVersion", NULL));
	} else if (etcd.len > 0) {
		set_api(id, "etcd", "etcd", etcd);
		smi_id_add(id, "cluster ",
			   smi_http_json(&h, "etcdcluster", NULL));
	} else if (git.len > 0) {
		set_api(id, "kubernetes", "Kubernetes", git);
		smi_id_add(id, "", smi_http_json(&h, "platform", NULL));
	} else {
		return SMI_MATCH_NO;
	}
	return SMI_MATCH_YES;
}

static enum smi_match match_prometheus(struct smi_span reply, bool end,
				       struct smi_service_id *id)
{
	struct smi_http h;
	enum smi_match read = read_json(reply, end, &h);

	if (read != SMI_MATCH_YES)
		return read;
	if (!smi_span_eq_str(smi_http_json(&h, "status", NULL), "success"))
		return SMI_MATCH_NO;
	set_api(id, "prometheus", "Prometheus",
		smi_http_json(&h, "data", "version"));
	id->open = true;
	smi_id_add(id, "", smi_http_json(&h, "data", "goVersion"));
	return SMI_MATCH_YES;
}

static enum smi_match match_consul(struct smi_span reply, bool end,
				   struct smi_service_id *id)
{
	struct smi_http h;
	enum smi_match read = read_json(reply, end, &h);
	struct smi_span version;

	if (read != SMI_MATCH_YES)
		return read;
	version = smi_http_json(&h, "Config", "Version");
	if (version.len == 0)
		return SMI_MATCH_NO;
	set_api(id, "consul", "Consul", version);
	id->open = true;
	smi_id_add(id, "datacenter ",
		   smi_http_json(&h, "Config", "Datacenter"));
	return SMI_MATCH_YES;
}

static enum smi_match match_grafana(struct smi_span reply, bool end,
				    struct smi_service_id *id)
{
	struct smi_http h;
	enum smi_match read = read_json(reply, end, &h);
	struct smi_span version;

	if (read != SMI_MATCH_YES)
		return read;
	version = smi_http_json(&h, "version", NULL);
	if (smi_http_json(&h, "database", NULL).len == 0)
		return SMI_MATCH_NO;
	set_api(id, "http", "Grafana", version);
	return SMI_MATCH_YES;
}

static const struct smi_question ask_version = {
	.name = "http-version",
	.request = SMI_REQUEST("GET /version HTTP/1.0\r\n\r\n"),
	.match = match_version,
};
static const struct smi_question ask_prometheus = {
	.name = "prometheus-build",
	.request = SMI_REQUEST("GET /api/v1/status/buildinfo HTTP/1.0\r\n\r\n"),
	.match = match_prometheus,
};
static const struct smi_question ask_consul = {
	.name = "consul-agent",
	.request = SMI_REQUEST("GET /v1/agent/self HTTP/1.0\r\n\r\n"),
	.match = match_consul,
};
static const struct smi_question ask_grafana = {
	.name = "grafana-health",
	.request = SMI_REQUEST("GET /api/health HTTP/1.0\r\n\r\n"),
	.match = match_grafana,
};

/* "name" and "cluster_name", of which it is proud. */
static void elasticsearch(const struct smi_http *h, struct smi_service_id *id)
{
	struct smi_span version = smi_http_json(h, "version", "number");
	struct smi_span kind = smi_http_json(h, "version", "distribution");
	bool fork = smi_span_eq_str(kind, "opensearch");

	set_api(id, "elasticsearch", fork ? "OpenSearch" : "Elasticsearch",
		version);
	id->open = true;
	smi_id_add(id, "cluster ", smi_http_json(h, "cluster_name", NULL));
}

/* What its first page has: nothing (NULL) or that text. */
struct sign {
	unsigned status;
	const char *field, *value; /* a field that has this in it */
	const char *body;
	const struct smi_question *next;
};

static const struct sign signs[] = {
	{ 404, NULL, NULL, "{\"message\":\"page not found\"}", &ask_version },
	{ 404, NULL, NULL, "404 page not found", &ask_version },
	{ 401, "Content-Type", "json", "\"kind\":\"Status\"", &ask_version },
	{ 401, "Content-Type", "json", "\"kind\": \"Status\"", &ask_version },
	{ 403, "Content-Type", "json", "\"kind\":\"Status\"", &ask_version },
	{ 403, "Content-Type", "json", "\"kind\": \"Status\"", &ask_version },
	{ 200, "Content-Type", "json", "\"/apis\"", &ask_version },
	{ 302, "Location", "/graph", NULL, &ask_prometheus },
	{ 302, "Location", "/query", NULL, &ask_prometheus },
	{ 301, "Location", "/ui/", NULL, &ask_consul },
	{ 302, "Location", "/login", NULL, &ask_grafana },
};

static bool is_sign(const struct smi_http *h, const struct sign *s)
{
	if (h->status != s->status)
		return false;
	if (s->field && !smi_text_has(smi_http_field(h, s->field), s->value))
		return false;
	return !s->body || smi_text_has(h->body, s->body);
}

void smi_http_api(const struct smi_http *h, struct smi_service_id *id)
{
	struct smi_span jenkins = smi_http_field(h, "X-Jenkins");
	struct smi_span elastic = smi_http_field(h, "X-Elastic-Product");

	if (jenkins.len > 0) {
		id->product = smi_span_str("Jenkins");
		id->version = smi_text_version(jenkins);
	}
	if (elastic.len > 0) {
		id->service = "elasticsearch";
		id->product = elastic;
	}
	if (h->status == 200 && smi_text_has(h->body, "\"tagline\"") &&
	    is_json(h)) {
		elasticsearch(h, id);
		return;
	}
	if (smi_text_has(h->body, "trying to access MongoDB over HTTP")) {
		smi_id_set(id, "mongodb");
		id->product = smi_span_str("MongoDB");
		id->next = &smi_ask_mongodb;
		return;
	}
	for (size_t i = 0; i < SMI_COUNT(signs) && !id->next; i++)
		if (is_sign(h, &signs[i]))
			id->next = signs[i].next;
}
