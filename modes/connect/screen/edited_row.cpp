#include "modes/connect/screen/edited_row.h"

#include <algorithm>

#include "modes/connect/screen/text/graphemes.h"
#include "modes/connect/screen/text/safe_text.h"

namespace netchat::connect {

EditedRow::Typed EditedRow::key(const Key& key) {
    // A terminal, or a program at its other end, may send either for Enter.
    if (key.kind == Key::Kind::Enter || isCtrl(key, "j")) {
        linePasted_ = editor_.beginsPasted();
        line_ = editor_.take();
        return std::exchange(tooLong_, false) ? Typed::LongLine : Typed::Line;
    }
    if (isCtrl(key, "d") && editor_.text().empty()) return Typed::End;
    const Key tab{.kind = Key::Kind::Paste, .text = "\t"};
    const auto outcome = editor_.key(key.kind == Key::Kind::Tab ? tab : key);
    if (outcome == LineEditor::Outcome::Refused) tooLong_ = true;
    if (editor_.text().empty()) tooLong_ = false;
    return Typed::Nothing;
}

std::string EditedRow::show(int columns) {
    const size_t width = static_cast<size_t>(std::max(columns, 3)) - 1;
    const std::string& typed = editor_.text();
    const bool idle = typed.empty();
    const SafeText all(idle ? idle_ : typed);
    const SafeText before(idle ? std::string_view()
                               : std::string_view(typed).substr(0, editor_.cursor()));
    // Moved to the left by halves of the row, so that the cursor is in it.
    const size_t at = columnsOf(before.view()), step = std::max<size_t>(1, width / 2);
    const size_t moved = at < width ? 0 : (at - width) / step * step + step;
    const size_t skipped = prefixOfColumns(all.view(), moved).size();
    const std::string_view shown = prefixOfColumns(all.view().substr(skipped), width);
    const size_t shownColumns = columnsOf(shown);
    std::string bytes = hide();
    bytes += shown;
    columnsShown_ = shownColumns;
    const std::string_view upToCursor =
        all.view().substr(0, std::min(before.view().size(), all.view().size()));
    if (upToCursor.size() >= skipped && upToCursor.size() - skipped <= shown.size()) {
        bytes += "\r";
        bytes += shown.substr(0, upToCursor.size() - skipped);
    }
    return bytes;
}

std::string EditedRow::hide() {
    if (columnsShown_ == 0) return {};
    return "\r" + std::string(std::exchange(columnsShown_, 0), ' ') + "\r";
}

}  // namespace netchat::connect
