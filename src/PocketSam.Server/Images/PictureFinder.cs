using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;

namespace PocketSam.Server.Images;

/// <summary>Finds pictures by id, whichever replica took them.</summary>
internal sealed class PictureFinder(ImageStore store, SharedPictures shared, Uploads uploads)
{
    /// <summary>The picture of that id, in use until the lease ends.</summary>
    /// <exception cref="ApiException">There is none, or it cannot be taken from what the replicas share.</exception>
    public async Task<PhotoLease> LeaseAsync(HttpContext context, string id)
    {
        if (!shared.IsShared)
            return store.Lease(id);
        if (await shared.IsThereAsync(id, context.RequestAborted))
            return store.TryLease(id) ?? await uploads.AdoptAsync(context, id);

        // Deleted on another replica, perhaps.
        store.Remove(id);
        return store.Lease(id);
    }

    /// <summary>Removes a picture from all replicas. False where there is none.</summary>
    /// <exception cref="ApiException">What the replicas share cannot be reached.</exception>
    public async Task<bool> RemoveAsync(HttpContext context, string id)
    {
        bool wasShared = shared.IsShared && await shared.RemoveAsync(id, context.RequestAborted);
        return store.Remove(id) || wasShared;
    }
}
