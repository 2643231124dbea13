using PocketSam.Imaging;
using PocketSam.Server.Api;
using PocketSam.Server.Images;

namespace PocketSam.Server;

/// <summary>
/// Adds pictures from the host's side, so that requests can use them like uploaded ones. They count towards <see
/// cref="PocketSamOptions.CacheBytes"/> and are evicted like all others. A singleton among the services of <see
/// cref="PocketSamServiceCollectionExtensions.AddPocketSam"/>.
/// </summary>
public sealed class PocketSamPictures
{
    private readonly Uploads _uploads;
    private readonly ImageStore _store;

    internal PocketSamPictures(Uploads uploads, ImageStore store) => (_uploads, _store) = (uploads, store);

    /// <summary>
    /// Decodes a picture and queues it for encoding. A refusal (no room, too large) is an exception that endpoints of
    /// <see cref="PocketSamEndpointRouteBuilderExtensions.MapPocketSamGroup"/> let pass; the service answers it as for
    /// an upload.
    /// </summary>
    /// <param name="name">The picture's name in exports.</param>
    /// <param name="file">The bytes of the picture file.</param>
    /// <param name="cancellation">Cancels the picture while it waits to be decoded.</param>
    /// <returns>The picture's id in requests.</returns>
    /// <exception cref="ImageFormatException">The file is not a supported picture.</exception>
    public async Task<string> AddAsync(string name, ReadOnlyMemory<byte> file, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (await _uploads.AddAsync(default, name, file, cancellation)).Id;
    }

    /// <summary>Whether the service has a picture; does not count as a use of it.</summary>
    /// <param name="id">The id from <see cref="AddAsync"/>.</param>
    public bool Contains(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _store.LastUse(id) is not null;
    }

    /// <summary>Waits until a picture is encoded, has failed or is removed.</summary>
    /// <param name="id">The id from <see cref="AddAsync"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>Whether the picture is encoded and in the service.</returns>
    public async Task<bool> WaitAsync(string id, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        Photo photo;
        try
        {
            using PhotoLease lease = _store.Lease(id);
            photo = lease.Photo;
        }
        catch (ApiException)
        {
            return false;
        }

        while (true)
        {
            Task change = photo.Describe().Change;
            if (photo.IsSettled)
                return photo.Describe().Document.State == "ready" && Contains(id);
            if (photo.Removed.IsCancellationRequested)
                return false;
            await change.WaitAsync(cancellation);
        }
    }
}
