using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>The system's Chromium without a window. Nothing is downloaded; where there is none, tests skip.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string PathVariable = "POCKETSAM_CHROMIUM";

    /// <summary>Milliseconds that what is expected may take on a machine that is busy with something else.</summary>
    private const float Patience = 20_000;

    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The program, or null.</summary>
    public static string? Path { get; } =
        (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? [named] : Places).FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Path is null)
            return;
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A page in a profile of its own. Skips the test where there is no Chromium.</summary>
    internal async Task<Visitor> VisitAsync(
        string url, BrowserNewContextOptions? options = null, bool requestsFail = false)
    {
        Requirement.SkipWhenMissing(_browser is null, $"Chromium is not installed (apt-get install chromium), and {PathVariable} names none");
        options ??= new BrowserNewContextOptions();
        options.ViewportSize ??= new ViewportSize { Width = 1200, Height = 760 };
        options.Permissions ??= ["clipboard-read", "clipboard-write"];
        IBrowserContext context = await _browser!.NewContextAsync(options);
        return await Visitor.OpenAsync(context, url, requestsFail);
    }
}
