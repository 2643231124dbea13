using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PocketSam.Server.Api;

namespace PocketSam.Server.Page;

/// <summary>
/// A file embedded in this assembly, with its entity tag. Large files are embedded as gzip and sent that way to clients
/// that accept it.
/// </summary>
internal sealed class EmbeddedFile
{
    private const string Compressed = ".gz", Gzip = "gzip";

    private readonly byte[] _content;
    private readonly string _tag;
    private readonly string _contentType;
    private readonly bool _isCompressed;

    private EmbeddedFile(string path, byte[] content)
    {
        _isCompressed = path.EndsWith(Compressed, StringComparison.Ordinal);
        Path = _isCompressed ? path[..^Compressed.Length] : path;
        _content = content;
        _tag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
        _contentType = System.IO.Path.GetExtension(Path) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" or ".mjs" => "text/javascript; charset=utf-8",
            ".json" or ".webmanifest" => "application/json",
            ".wasm" => "application/wasm",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".jpg" => "image/jpeg",
            ".webp" => "image/webp",
            ".ico" => "image/x-icon",
            ".woff2" => "font/woff2",
            ".txt" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        };
    }

    private static Assembly Assembly => typeof(EmbeddedFile).Assembly;

    /// <summary>Its path relative to its folder, with <c>/</c> as the separator.</summary>
    public string Path { get; }

    /// <summary>All files of a folder of the assembly.</summary>
    public static IReadOnlyList<EmbeddedFile> AllOf(string folder)
    {
        List<EmbeddedFile> files = [];
        foreach (string name in Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith($"{folder}/", StringComparison.Ordinal))
                continue;
            using Stream stream = Assembly.GetManifestResourceStream(name)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(new EmbeddedFile(name[(folder.Length + 1)..], content));
        }

        return files;
    }

    /// <summary>Whether a folder of the assembly has a file of this path.</summary>
    public static bool Exists(string folder, string path) => Assembly.GetManifestResourceInfo($"{folder}/{path}") is not null;

    /// <summary>Sends the file, or status 304 if the client has it.</summary>
    public async Task SendAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        bool expands = _isCompressed && !TakesGzip(context.Request);
        if (_isCompressed)
            response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (EntityTags.Confirm(context, expands ? $"\"{_tag}-plain\"" : $"\"{_tag}\""))
            return;
        response.ContentType = _contentType;
        if (!expands)
            response.ContentLength = _content.Length;
        if (_isCompressed && !expands)
            response.Headers.ContentEncoding = Gzip;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        if (!expands)
        {
            await response.Body.WriteAsync(_content, context.RequestAborted);
            return;
        }

        await using var file = new GZipStream(new MemoryStream(_content), CompressionMode.Decompress);
        await file.CopyToAsync(response.Body, context.RequestAborted);
    }

    private static bool TakesGzip(HttpRequest request) => request.GetTypedHeaders().AcceptEncoding.Any(
        encoding => encoding.Value.Equals(Gzip, StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
}
