using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace PocketSam.Server.Page;

/// <summary>A file that is part of this assembly, with the tag that tells its versions apart.</summary>
internal sealed class EmbeddedFile
{
    /// <summary>Read when it is first asked for.</summary>
    private readonly Lazy<(byte[] Bytes, EntityTagHeaderValue Tag)> _content;
    private readonly string _contentType;

    private EmbeddedFile(string path, string resource)
    {
        Path = path;
        _content = new Lazy<(byte[], EntityTagHeaderValue)>(() => Read(resource));
        _contentType = System.IO.Path.GetExtension(path) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" or ".mjs" => "text/javascript; charset=utf-8",
            ".json" or ".webmanifest" => "application/json",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".jpg" => "image/jpeg",
            ".webp" => "image/webp",
            ".ico" => "image/x-icon",
            ".wasm" => "application/wasm",
            ".woff2" => "font/woff2",
            ".txt" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        };
    }

    /// <summary>Where it lies below its folder, with <c>/</c> between the parts.</summary>
    public string Path { get; }

    /// <summary>All files of a folder of the assembly.</summary>
    public static IReadOnlyList<EmbeddedFile> AllOf(string folder) =>
    [
        .. typeof(EmbeddedFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new EmbeddedFile(name[(folder.Length + 1)..], name)),
    ];

    /// <summary>Whether the assembly has a file.</summary>
    /// <param name="path">Its folder and where it lies below it.</param>
    public static bool Exists(string path) => typeof(EmbeddedFile).Assembly.GetManifestResourceInfo(path) is not null;

    /// <summary>Answers with the file, or says that the client has it.</summary>
    public Task SendAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        (byte[] bytes, EntityTagHeaderValue tag) = _content.Value;
        response.GetTypedHeaders().ETag = tag;
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = _contentType;
        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask : response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static (byte[] Bytes, EntityTagHeaderValue Tag) Read(string resource)
    {
        using Stream stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return (content, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\""));
    }
}
