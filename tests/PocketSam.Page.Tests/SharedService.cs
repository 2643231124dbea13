namespace PocketSam.Page.Tests;

/// <summary>The service that all tests use that do not end it.</summary>
public sealed class SharedService : IAsyncLifetime
{
    private Service? _service;

    /// <summary>Where the page is; nowhere without a browser to look at it.</summary>
    public string Url => _service?.Url ?? "";

    public async ValueTask InitializeAsync()
    {
        if (Chromium.Path is not null)
            _service = await Service.StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        _service?.Dispose();
        return ValueTask.CompletedTask;
    }
}
