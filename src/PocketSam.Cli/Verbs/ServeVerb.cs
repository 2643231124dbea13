using System.CommandLine;

namespace PocketSam.Cli.Verbs;

/// <summary><c>serve</c>: runs the HTTP service and its page.</summary>
internal sealed class ServeVerb() : ServiceVerb(
    "serve", "Open a page to segment with, and the HTTP service behind it", [], "serve",
    "serve --port 9000 --model vit_t.safetensors",
    "serve --host '*' --api-key SECRET --cache-size 4096",
    "serve --port 8081 --store folder:/srv/pocketsam --allow-host photos.example.org")
{
    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
        => Serve(arguments, terminal, page: "", _ => { }, _ => { }, cancellation);
}
