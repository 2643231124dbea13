using System.Text.Json.Nodes;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>What the service says of itself.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public async Task InfoTellsModelAndLimits()
    {
        await using Service service = await Service.StartAsync(options => options.MaxPixels = 12345);
        InfoDocument info = Service.Read(await service.Client.GetStringAsync("api/v1/info"), ApiJson.Default.InfoDocument);
        Assert.Equal((Service.Model.Name, Service.Model.Fingerprint, 128), (info.Model, info.Fingerprint, info.ImageSize));
        Assert.Equal(12345, info.Limits.MaxPixels);
        Assert.Equal(["coco", "yolo", "labelme", "svg", "geojson", "cutout", "mask"], info.Formats);
        Assert.Matches(@"^\d+\.\d+\.\d+$", info.Version);
    }

    [Fact]
    public async Task MetricsAreInPrometheusFormat()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        await service.PredictAsync(image.Id, PredictTests.Click(1, 1));
        using HttpResponseMessage response = await service.Client.GetAsync("metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        foreach (string line in (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches("""^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.eE+-]+)$""", line);
        Assert.Equal(
            """# TYPE pocketsam_requests_total counter""",
            (await response.Content.ReadAsStringAsync()).Split('\n').Single(line => line.StartsWith("# TYPE pocketsam_requests_total")));
        Assert.Equal(1, await service.MetricAsync("pocketsam_encode_seconds_count"));
        Assert.Equal(1, await service.MetricAsync("pocketsam_predict_seconds_count"));
        Assert.Equal(1, await service.MetricAsync("""pocketsam_requests_total{operation="predict",status="200"}"""));
    }

    [Fact]
    public async Task MetricsAreThereFromTheStartAndEachServiceHasItsOwn()
    {
        await using Service busy = await Service.StartAsync();
        await busy.UploadReadyAsync();
        await using Service service = await Service.StartAsync();
        string text = await service.Client.GetStringAsync("metrics");
        string[] metrics =
        [
            "pocketsam_cache_bytes gauge", "pocketsam_cache_evictions_total counter", "pocketsam_cache_hits_total counter",
            "pocketsam_cache_images gauge", "pocketsam_cache_misses_total counter", "pocketsam_encode_seconds histogram",
            "pocketsam_encodes_cancelled_total counter", "pocketsam_encoding gauge", "pocketsam_everything_seconds histogram",
            "pocketsam_find_seconds histogram",
            "pocketsam_predict_seconds histogram", "pocketsam_queue_length gauge", "pocketsam_requests_total counter",
            "pocketsam_store_adopted_total counter",
        ];
        Assert.Equal(metrics, text.Split('\n').Where(line => line.StartsWith("# TYPE ")).Select(line => line[7..]).Order(StringComparer.Ordinal));
        foreach (string metric in metrics.Where(metric => !metric.StartsWith("pocketsam_requests")))
        {
            string name = metric.Split(' ')[0];
            Assert.Equal(0, await service.MetricAsync(metric.EndsWith("histogram") ? $"{name}_count" : name));
        }

        Assert.Contains("pocketsam_encode_seconds_bucket{le=\"0.05\"} 0\n", text);
        Assert.Contains("pocketsam_everything_seconds_bucket{le=\"64\"} 0\n", text);
    }

    [Fact]
    public async Task TheOpenApiDocumentIsComplete()
    {
        await using Service service = await Service.StartAsync();
        JsonNode document = JsonNode.Parse(await service.Client.GetStringAsync("openapi/v1.json"))!;
        Assert.StartsWith("3.1", (string?)document["openapi"]);
        string[] operations =
        [
            "get /api/v1/info info", "post /api/v1/images upload", "get /api/v1/images/{id} image", "delete /api/v1/images/{id} delete",
            "get /api/v1/images/{id}/events events", "get /api/v1/images/{id}/embedding embedding", "get /api/v1/decoder.onnx decoder",
            "post /api/v1/images/{id}/predict predict",
            "post /api/v1/images/{id}/everything everything", "post /api/v1/images/{id}/export export",
            "post /api/v1/images/{id}/find find",
            "get /api/v1/samples samples", "get /healthz health", "get /readyz readiness", "get /metrics metrics",
        ];
        Assert.Equal(operations.Order(), document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(
            method => $"{method.Key} {path.Key} {method.Value!["operationId"]}")).Order());
        foreach (JsonNode? operation in document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(m => m.Value)))
        {
            Assert.False(string.IsNullOrEmpty((string?)operation!["summary"]));
            Assert.NotEmpty(operation["responses"]!.AsObject());
        }

        foreach (JsonNode post in document["paths"]!.AsObject().Select(path => path.Value!["post"]).OfType<JsonNode>())
            Assert.Superset(new HashSet<string?> { "401", "408", "413", "422", "429" }, post["responses"]!.AsObject().Select(response => (string?)response.Key).ToHashSet());
        JsonNode export = document["components"]!["schemas"]!["ExportRequest"]!["properties"]!;
        Assert.Equal(["classes", "format", "objects"], export.AsObject().Select(pair => pair.Key).Order());
        JsonNode upload = document["paths"]!["/api/v1/images"]!["post"]!["requestBody"]!["content"]!;
        Assert.Equal(["application/octet-stream", "image/jpeg", "image/png", "image/webp"], upload.AsObject().Select(type => type.Key));
        JsonNode mask = document["components"]!["schemas"]!["MaskDocument"]!["properties"]!;
        Assert.Equal(
            ["area", "box", "png", "predicted_iou", "rle", "stability_score"], mask.AsObject().Select(pair => pair.Key).Order());
        RequireReferences(document, document);
    }

    /// <summary>Whatever is referred to is there.</summary>
    private static void RequireReferences(JsonNode document, JsonNode? node)
    {
        if (node is JsonObject properties)
        {
            if (properties["$ref"] is JsonValue reference)
            {
                JsonNode? target = document;
                foreach (string part in ((string)reference!)[2..].Split('/'))
                    target = target?[part];
                Assert.NotNull(target);
            }

            foreach ((_, JsonNode? value) in properties)
                RequireReferences(document, value);
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items)
                RequireReferences(document, item);
        }
    }
}
