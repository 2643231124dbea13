using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;

namespace PocketSam.Server.Security;

/// <summary>Requires the key of API requests, if the service has one.</summary>
internal sealed class ApiKeyMiddleware(IOptions<PocketSamOptions> options) : IMiddleware
{
    public const string KeyHeader = "X-Api-Key";

    private readonly byte[]? _keyHash = options.Value.ApiKey is { } key ? Hash(key) : null;

    /// <exception cref="ApiException">The key is missing or wrong.</exception>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_keyHash is not null && Access.Of(context).Kind == AccessKind.Api)
            Authorize(context.Request, _keyHash);
        return next(context);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>
    /// Compares hashes in constant time, so that the time reveals neither the length nor the place of a difference.
    /// </summary>
    private static void Authorize(HttpRequest request, byte[] keyHash)
    {
        if (request.Headers[KeyHeader] is not [{ Length: > 0 } given])
            throw new ApiException(401, "key_missing", $"this service asks for a key: send it as {KeyHeader}");
        if (!CryptographicOperations.FixedTimeEquals(Hash(given), keyHash))
            throw new ApiException(401, "key_wrong", $"the key in {KeyHeader} is not the right one");
    }
}
