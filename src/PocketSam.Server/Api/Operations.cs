namespace PocketSam.Server.Api;

/// <summary>Names of the operations in metrics, logs and the OpenAPI document.</summary>
internal static class Operations
{
    public const string Info = "info";
    public const string Upload = "upload";
    public const string Image = "image";
    public const string Delete = "delete";
    public const string Events = "events";
    public const string Embedding = "embedding";
    public const string Decoder = "decoder";
    public const string Predict = "predict";
    public const string Everything = "everything";
    public const string Find = "find";
    public const string Export = "export";
    public const string Samples = "samples";
    public const string Sample = "sample";
    public const string Health = "health";
    public const string Readiness = "readiness";
    public const string Metrics = "metrics";
    public const string Description = "openapi";
    public const string Page = "page";
}
