using Microsoft.Extensions.Options;

namespace PocketSam.Server;

/// <summary>Checks the ranges of all options, and names all that are out of range.</summary>
internal sealed class PocketSamOptionsValidator : IValidateOptions<PocketSamOptions>
{
    public ValidateOptionsResult Validate(string? name, PocketSamOptions options)
    {
        var failures = new List<string>();
        Require(!string.IsNullOrEmpty(options.Model), $"{nameof(options.Model)} is empty: give '{Sam.DefaultName}' or a file");
        RequireImageSize(options.ImageSize);
        RequireRange(nameof(options.CacheBytes), options.CacheBytes, 16L << 20, long.MaxValue);
        RequireRange(nameof(options.CacheAge), options.CacheAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        Require(
            options.Store is "memory" or ['f', 'o', 'l', 'd', 'e', 'r', ':', _, ..] or ['r', 'e', 'd', 'i', 's', ':', _, ..],
            $"{nameof(options.Store)} is '{options.Store}': expected memory, folder:PATH or redis:HOST[:PORT]");
        RequireRange(nameof(options.MaxUploadBytes), options.MaxUploadBytes, 1 << 10, 1 << 30);
        RequireRange(nameof(options.UploadTimeout), options.UploadTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        RequireRange(nameof(options.MaxPixels), options.MaxPixels, 1, 500_000_000);
        RequireRange(nameof(options.MaxPrompts), options.MaxPrompts, 1, 1024);
        RequireRange(nameof(options.MaxObjects), options.MaxObjects, 1, 1024);
        RequireRange(nameof(options.MaxExportObjects), options.MaxExportObjects, 1, 100_000);
        RequireRange(nameof(options.MaxObjectPixels), options.MaxObjectPixels, 1_000_000, 1_000_000_000_000);
        RequireRange(nameof(options.MaxPointsPerSide), options.MaxPointsPerSide, 1, 256);
        RequireRange(nameof(options.MaxExportCorners), options.MaxExportCorners, 1000, 1_000_000_000);
        RequireRange(nameof(options.MaxExportPixels), options.MaxExportPixels, 1_000_000, 1_000_000_000_000);
        RequireRange(nameof(options.MaxExportPhotoPixels), options.MaxExportPhotoPixels, 1_000_000, 1_000_000_000_000);
        RequireRange(nameof(options.QueueLength), options.QueueLength, 1, 1024);
        RequireRange(nameof(options.GiveUpAfter), options.GiveUpAfter, TimeSpan.Zero, TimeSpan.FromHours(1));
        RequireRange(nameof(options.BrowserEmbeddingBytes), options.BrowserEmbeddingBytes, 0, 64_000_000);
        RequireRange(nameof(options.RequestsPerSecond), options.RequestsPerSecond, 1, 100_000);
        Require(options.ApiKey is null or { Length: > 0 }, $"{nameof(options.ApiKey)} is empty: leave it out to ask for none");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequireImageSize(int? size)
        {
            try
            {
                if (size is { } side)
                    SamConfig.ValidateImageSize(side);
            }
            catch (ArgumentException e)
            {
                failures.Add(e.Message);
            }
        }

        void RequireRange<T>(string option, T value, T least, T most) where T : IComparable<T>
            => Require(
                value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0,
                $"{option} is {value}: must lie in {least} ... {most}");

        void Require(bool valid, FormattableString message)
        {
            if (!valid)
                failures.Add(FormattableString.Invariant(message));
        }
    }
}
