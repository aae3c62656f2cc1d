#include "modes/serve/dialogue.h"

#include "modes/serve/session.h"
#include "modes/serve/shard.h"

namespace netchat::serve {

Uploads& Dialogue::uploads() {
    if (!uploads_) {
        Shard& shard = session_->shard();
        uploads_ = std::make_unique<Uploads>(
            shard.files(), *this, shard.deliverTo(session_->id()), shard.options().spoolBytes);
    }
    return *uploads_;
}

}  // namespace netchat::serve
