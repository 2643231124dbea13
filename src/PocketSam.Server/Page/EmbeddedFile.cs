using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace PocketSam.Server.Page;

/// <summary>A file that is part of this assembly, with the tag that tells its versions apart.</summary>
internal sealed class EmbeddedFile
{
    private readonly byte[] _content;
    private readonly EntityTagHeaderValue _tag;
    private readonly string _contentType;

    private EmbeddedFile(string path, byte[] content)
    {
        Path = path;
        _content = content;
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"");
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
            ".woff2" => "font/woff2",
            ".txt" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        };
    }

    /// <summary>Where it lies below its folder, with <c>/</c> between the parts.</summary>
    public string Path { get; }

    /// <summary>All files of a folder of the assembly.</summary>
    public static IReadOnlyList<EmbeddedFile> AllOf(string folder)
    {
        var assembly = typeof(EmbeddedFile).Assembly;
        List<EmbeddedFile> files = [];
        foreach (string name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith($"{folder}/", StringComparison.Ordinal))
                continue;
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(new EmbeddedFile(name[(folder.Length + 1)..], content));
        }

        return files;
    }

    /// <summary>Answers with the file, or says that the client has it.</summary>
    public Task SendAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.GetTypedHeaders().ETag = _tag;
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Compare(_tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = _contentType;
        response.ContentLength = _content.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask : response.Body.WriteAsync(_content, context.RequestAborted).AsTask();
    }
}
